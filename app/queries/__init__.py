"""The standard queries over reports and enterprises, and what is read off them."""
