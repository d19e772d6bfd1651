"""What people share by a link: a pictograph, a category or a year, narrowed as they like, and what others see of it."""
