"""Experiments: tables of accuracy that one configuration file describes and one command reproduces."""
