"""Building the book: Sphinx through Jupyter Book, and the notebooks that become its pages."""
