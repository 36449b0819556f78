# The app and the commands, on the processor:
#
#     docker build --tag ssvae .
#     docker run --rm --publish 8501:8501 --volume "$PWD:/work" ssvae
#     docker run --rm --volume "$PWD:/work" ssvae train --labels 100
FROM python:3.12-slim-bookworm AS built
WORKDIR /source
COPY . .
RUN python -m venv /opt/ssvae \
    && /opt/ssvae/bin/pip install --no-cache-dir --constraint constraints.txt ".[app]"

FROM python:3.12-slim-bookworm
COPY --from=built /opt/ssvae /opt/ssvae
# Its home holds what is kept between runs: graphs, features, decoded images.
RUN useradd --create-home --uid 1000 user && install --directory --owner user /work
USER 1000
WORKDIR /work
ENV PATH="/opt/ssvae/bin:$PATH" STREAMLIT_SERVER_ADDRESS=0.0.0.0
EXPOSE 8501
ENTRYPOINT ["ssvae"]
CMD ["app", "--headless"]
