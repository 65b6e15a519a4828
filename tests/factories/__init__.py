"""What tests need to have happened already, made through the services."""
