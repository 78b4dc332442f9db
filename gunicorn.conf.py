"""How gunicorn serves the dashboard, here and on Heroku."""

import os

wsgi_app = "dashboard.app:create_server()"
bind = f"0.0.0.0:{os.environ.get('PORT', '8050')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
preload_app = True  # the workers share the memory of what is read before they part
timeout = 28  # under the 30 s after which Heroku's router gives up
graceful_timeout = 10
keepalive = 5
loglevel = "warning"
