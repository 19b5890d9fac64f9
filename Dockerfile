# Ventrílocuo in a container. The image itself was never built where this was written, since no registry of images can be reached there:
# `node scripts/dockerfile.mjs` (which .ci/run calls) runs these very steps one by one instead, in empty folders, as a user who is not root.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN node scripts/prepare.mjs
RUN npm prune --omit=dev
RUN mkdir -p data

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/personas ./personas
# What the bot writes belongs to it: the database, and models that it downloads.
COPY --from=build --chown=node:node /app/data ./data
COPY --from=build --chown=node:node /app/models ./models
USER node
VOLUME ["/app/data", "/app/models"]
# /health answers inside the container only.
HEALTHCHECK --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:8717/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/index.js"]
