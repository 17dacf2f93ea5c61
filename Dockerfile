# The course in a container, for x86-64 and ARM: README says how. Binder builds it too.
FROM debian:13-slim AS system
# MXNet's library needs other libraries on ARM than on x86-64
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git make python3 python3-venv \
        libgomp1 $(test "$(dpkg --print-architecture)" = amd64 && echo libquadmath0 \
        || echo libopenblas0-pthread liblapacke) \
    && rm -rf /var/lib/apt/lists/*
ARG NB_USER=jovyan
ARG NB_UID=1000
RUN useradd --create-home --shell /bin/bash --uid $NB_UID $NB_USER
ENV NB_USER=$NB_USER HOME=/home/$NB_USER
WORKDIR $HOME
USER $NB_USER

FROM system AS course
COPY --chown=$NB_USER . .
# and what a JupyterHub starts: a hub of a cluster, or Binder
RUN make install .venv/hub-ready
ENV PATH=$HOME/.venv/bin:$PATH
EXPOSE 8888
CMD ["make", "lab", "BROWSER=no", "LAB_ARGS=--ip=0.0.0.0"]
