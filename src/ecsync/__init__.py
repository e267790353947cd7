"""Keep orders, stock, shipping and books of a Japanese online merchant in step."""

__version__ = "0.1.0"
