"""The site: accounts, photos, imports, your library, your pictograph."""
