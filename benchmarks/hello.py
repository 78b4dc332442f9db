"""The least that a Dash app can be: what the dashboard's speed is measured against."""

from __future__ import annotations

from dash import Dash, Input, Output, dcc, html
from flask import Flask


def create_server() -> Flask:
    """A page with one text box, and one callback that greets."""
    app = Dash("hello", serve_locally=True)
    app.layout = html.Div([dcc.Input(id="name", value="world"), html.P(id="greeting")])
    app.callback(Output("greeting", "children"), Input("name", "value"))(lambda name: f"Hello, {name}!")
    return app.server
