"""Two small applications over the same records: stock views of Flask-AppBuilder, and the product's family."""
