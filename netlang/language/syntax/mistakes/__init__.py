"""What is wrong with a statement that the grammar does not take, and what was meant by it.

``stop`` has the facts about where the parser stopped. ``rules`` asks one rule after the other,
those for the habits of other languages and those for odd characters among them.
"""
