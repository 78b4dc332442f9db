"""One module a page; each has one `dashboard.navigation.Page`, listed in `dashboard.app.PAGES`."""
