# An image that runs the tool as a user without rights, in /work, where the repository with the policies is mounted.
# `--build-arg NODE=TAG@sha256:DIGEST` pins the base image by its digest.
ARG NODE=20.20.2-bookworm-slim

FROM node:${NODE} AS build
WORKDIR /oss-policy
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY build.js compile.js notices.js ./
COPY src ./src
RUN npm run build

FROM node:${NODE}
# git reads the revision that --base names.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends git \
  && rm -rf /var/lib/apt/lists/*
COPY LICENSE /oss-policy/
COPY policies /oss-policy/policies
COPY --from=build /oss-policy/dist /oss-policy/dist
USER node
WORKDIR /work
ENTRYPOINT ["node", "/oss-policy/dist/cli.js"]
CMD ["--help"]
