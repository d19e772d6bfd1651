"""Who is registered there, and for which callback."""

from pictograph.providers.interface import Client

SERVICE_ID = 7  # as which it is set up here
CALLBACK = f"https://photos.example.org/connect/{SERVICE_ID}/back/"
CONFIDENTIAL = Client("site", "s3cret :/é+%&=?")
OTHER = Client("another-site", "another-secret")
PUBLIC = Client("site-without-a-secret")
PERSON, PASSWORD = "anna", "anna's password"
