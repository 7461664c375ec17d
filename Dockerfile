# The gateway in a container, for Macs that are reached over SSH. See docs/install.md.
FROM node:24-bookworm-slim AS build
WORKDIR /source
COPY . .
RUN npm ci --no-audit --no-fund && npm pack --ignore-scripts --pack-destination /package

FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends openssh-client ca-certificates \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /package/*.tgz /tmp/
RUN npm install --global --no-audit --no-fund /tmp/coderclaw-*.tgz && rm /tmp/coderclaw-*.tgz
# State and workspaces live in the volume; the rest of the file system may be read-only.
ENV CODERCLAW_STATE_DIR=/state
RUN mkdir /state && chown node:node /state && chmod 700 /state && touch /etc/coderclaw-image
USER node
VOLUME /state
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["coderclaw", "status"]
ENTRYPOINT ["coderclaw"]
CMD ["gateway"]
