"""The kinds of photo services, a file each: how one signs in there, and what photos are there."""
