# docker build -t datastreams-webrtc . && docker run -p 8080:8080 datastreams-webrtc
FROM oven/bun:1.4.5-alpine AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No install script of a package runs.
RUN bun install --production --ignore-scripts

FROM oven/bun:1.4.5-alpine
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json mod.ts ./
COPY src src
USER bun
EXPOSE 8080 9090
HEALTHCHECK --interval=15s --timeout=3s CMD bun -e "if (!(await fetch('http://localhost:9090/readyz')).ok) process.exit(1)"
# Longer than --drain: docker stop --time 20
STOPSIGNAL SIGTERM
# Pass JWT_SECRET and TURN_SECRET in the environment, and further options after the name of the image.
ENTRYPOINT ["bun", "run", "mod.ts", "--host", "0.0.0.0", "--port", "8080", "--metrics-port", "9090", "--log", "json"]
