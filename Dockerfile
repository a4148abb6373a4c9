# syntax=docker/dockerfile:1
#
# One set of layers for the three services, and a target for each that says what to run: they share the runtime, the packages and
# their version, so one build, one push and one pull serve all of them; the targets add no bytes.
#
#     docker build --target job-api --tag pi-jobs/job-api .
#
# The services run on the Node.js that package.json pins as an npm package, here as on any machine; the Node.js of the build image
# only starts the installation.

FROM node:22-bookworm-slim AS workspace
# The pinned Node.js is linked against libatomic.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libatomic1 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV CI=true

# Dependencies first: they stay cached until the lockfile changes.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN npx --yes "$(node -p 'require("./package.json").packageManager')" fetch

COPY . .
RUN npx --yes "$(node -p 'require("./package.json").packageManager')" install --offline --frozen-lockfile \
  && cp --dereference node_modules/node-linux-*/bin/node /usr/local/bin/pinned-node \
  && pinned-node scripts/bootstrap/build-packages.mjs

# S3 and SQS on one machine, for docker-compose.aws.yml: the emulator is a package that only tests need otherwise.
FROM workspace AS local-aws
ENV HOST=0.0.0.0
USER node
EXPOSE 4566
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4566/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["pinned-node", "--conditions=@pi-jobs/source", "packages/aws-store/src/testing/serve-local-aws.ts"]

FROM workspace AS build
# What runs, without what only builds, checks and tests.
RUN rm -rf node_modules packages/*/node_modules services/*/node_modules \
  && npx --yes "$(node -p 'require("./package.json").packageManager')" install --offline --frozen-lockfile --prod \
  && rm -rf node_modules/node-linux-* node_modules/.pnpm/node-linux-* node_modules/.pnpm/node_modules/node-linux-* \
  && find packages services -depth -not -path '*/node_modules/*' \
    \( -name src -o -name assembly -o -name scripts -o -name bench -o -name fixtures -o -path '*/dist/*testing' \) \
    -exec rm -rf {} + \
  && find packages services -not -path '*/node_modules/*' -type f \
    \( -name '*.test.*' -o -name '*.d.ts' -o -name '*.map' -o -name 'tsconfig.json' -o -name '*.tsbuildinfo' \) -delete \
  && rm -rf scripts tsconfig*.json pnpm-*.yaml

FROM debian:bookworm-slim AS runtime
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates libatomic1 libstdc++6 \
  && rm -rf /var/lib/apt/lists/* \
  # A named volume that is mounted here takes over this folder's owner.
  && install --directory --owner=10001 --group=10001 /data
COPY --from=build /usr/local/bin/pinned-node /usr/local/bin/node
COPY --from=build /app /app
WORKDIR /app
# Inside a container the services must listen beyond loopback. They refuse that while nobody is asked who he is, unless
# ALLOW_ANONYMOUS=true says that it is meant: compose does, and publishes its ports on 127.0.0.1 only.
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["node"]

FROM runtime AS pi-calculator
EXPOSE 3141
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3141/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["services/pi-calculator/dist/main.js"]

FROM runtime AS download-api
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8000/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["services/download-api/dist/main.js"]

FROM runtime AS job-api
EXPOSE 5000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:5000/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["services/job-api/dist/main.js"]
