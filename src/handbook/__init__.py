"""Social media guidelines, checklists and channel analyses in one executable book."""

__version__ = "0.1.0"
