"""What people say of photos: right, wrong, too specific, not interesting, it is …; and what is learnt of it."""
