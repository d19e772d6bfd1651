"""Albums: photos that a person puts together under a name of their own."""
