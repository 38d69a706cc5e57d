# docker build -t datastreams-webrtc .
# docker run --read-only --cap-drop ALL -p 8080:8080 -e JWT_SECRET=… datastreams-webrtc
FROM oven/bun:1.4.5-alpine AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Exactly the packages of the lock file, with its hashes, or an error. No install script of a package runs. The optional
# package is for headless peers, and needs another libc.
RUN bun install --production --omit=optional --frozen-lockfile --ignore-scripts

FROM oven/bun:1.4.5-alpine
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json mod.ts ./
COPY src src
USER bun
EXPOSE 8080 9090
HEALTHCHECK --interval=15s --timeout=3s CMD bun -e "if (!(await fetch('http://localhost:9090/readyz')).ok) process.exit(1)"
# The server then drains for --drain, by default 10 s: stop it with docker stop --time 20.
STOPSIGNAL SIGTERM
# Pass JWT_SECRET and TURN_SECRET in the environment, and further options after the name of the image, such as
# --public-url https://streams.example.org. Without tokens, the server logs a warning: everybody can use it.
ENTRYPOINT ["bun", "run", "mod.ts", "--host", "0.0.0.0", "--port", "8080", "--metrics-port", "9090", "--log", "json"]
