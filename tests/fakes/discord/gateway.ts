/** Discord's gateway (v10): hello, identify, heartbeats, resume, and ways to break each. Knows no REST. */
import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { World } from './world.ts';

interface Session { readonly id: string; sequence: number; readonly sent: { s: number; payload: string }[]; socket: WebSocket | undefined }
export interface GatewayOptions { readonly token: string; readonly heartbeat: number; readonly deniedIntents: number; readonly url: () => string }

export class Gateway {
  readonly sessions = new Map<string, Session>();
  /** Heartbeats are not answered. */
  mute = false;
  identifies = 0;
  resumes = 0;
  intents = 0;
  #server = new WebSocketServer({ noServer: true });
  #world: World;
  #options: GatewayOptions;

  constructor(http: Server, world: World, options: GatewayOptions) {
    this.#world = world;
    this.#options = options;
    http.on('upgrade', (request, socket, head) => this.#server.handleUpgrade(request, socket, head, (peer) => this.#accept(peer)));
  }
  #accept(socket: WebSocket): void {
    const send = (payload: object): void => socket.send(JSON.stringify(payload));
    send({ op: 10, d: { heartbeat_interval: this.#options.heartbeat }, s: null, t: null });
    socket.on('message', (data) => {
      const { op, d } = JSON.parse(String(data)) as { op: number; d: { token: string; intents: number; session_id: string; seq: number } };
      if (op === 1 && !this.mute) send({ op: 11 });
      if (op === 2) this.#identify(socket, d);
      if (op === 6) this.#resume(socket, d);
    });
    socket.on('close', () => { for (const session of this.sessions.values()) if (session.socket === socket) session.socket = undefined; });
  }
  #identify(socket: WebSocket, { token, intents }: { token: string; intents: number }): void {
    this.identifies++;
    this.intents = intents;
    if (token !== this.#options.token) return socket.close(4004);
    if (intents & this.#options.deniedIntents) return socket.close(4014);
    const session: Session = { id: this.#world.id(), sequence: 0, sent: [], socket };
    this.sessions.set(session.id, session);
    this.#send(session, 'READY', { v: 10, user: this.#world.bot, guilds: [{ id: this.#world.guild, unavailable: true }], session_id: session.id, resume_gateway_url: this.#options.url(), application: { id: this.#world.application, flags: 0 } });
    this.#send(session, 'GUILD_CREATE', this.#world.guildCreate());
  }
  #resume(socket: WebSocket, { session_id: id, seq }: { session_id: string; seq: number }): void {
    this.resumes++;
    const session = this.sessions.get(id);
    if (!session) { socket.send(JSON.stringify({ op: 9, d: false })); return; }
    session.socket = socket;
    for (const { s, payload } of session.sent) if (s > seq) socket.send(payload);
    this.#send(session, 'RESUMED', {});
  }
  #send(session: Session, t: string, d: unknown): void {
    const payload = JSON.stringify({ op: 0, t, s: ++session.sequence, d });
    session.sent.push({ s: session.sequence, payload });
    session.socket?.send(payload);
  }
  dispatch(type: string, data: unknown): void { for (const session of this.sessions.values()) this.#send(session, type, data); }

  // ---------------------------------------------------------------- ways to break it
  close(code: number): void { for (const socket of this.#server.clients) socket.close(code); }
  drop(): void { for (const socket of this.#server.clients) socket.terminate(); }
  askToReconnect(): void { for (const socket of this.#server.clients) socket.send(JSON.stringify({ op: 7, d: null })); }
  invalidate(canResume: boolean): void { if (!canResume) this.sessions.clear(); for (const socket of this.#server.clients) socket.send(JSON.stringify({ op: 9, d: canResume })); }
  stop(): void { this.drop(); this.#server.close(); }
}
