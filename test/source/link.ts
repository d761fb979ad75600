/**
 * The one file of the source that knows MQTT. It hands messages on one after the other and acknowledges each only when it
 * has been dealt with, so that nothing is lost between the broker and the disk.
 */
import { Socket } from "node:net";
import { connect, type IClientPublishOptions, type MqttClient } from "mqtt";

const RECONNECT_MS = 100;
/** Assumed: a cluster that elects a leader refuses subscriptions for some seconds; four requests a second do not disturb it. */
const SUBSCRIBE_AGAIN_MS = 250;
/** What the client says of a message that it holds back and gives up. Source: mqtt.js 5.16, `_flushStoreProcessingQueue`. */
const GIVEN_UP = "Connection closed";
const SESSION_SECONDS = 3_600;
const UPLINK = "loa/v1/station/+/up/+";

export interface LinkIdentity {
  readonly authority: string;
  readonly key: string;
  readonly certificate: string;
}

export interface LinkOptions {
  /** Addresses of one broker or cluster, taken in turn. */
  readonly urls: readonly string[];
  readonly clientId: string;
  /** The broker speaks MQTT 3.1.1 only. */
  readonly older?: boolean | undefined;
  /** Who the source is to a broker that asks, and who the broker must be: PEM. */
  readonly tls?: LinkIdentity | undefined;
  /** Called for each message, never two at once. A rejection means that it could not be stored. */
  readonly receive: (topic: string, payload: Buffer) => Promise<void>;
  /** Called after each connection, when the subscription stands. */
  readonly connected: () => void;
  /** Called once with a fault after which the link is useless. */
  readonly failed: (error: unknown) => void;
}

export interface Sending {
  readonly retain: boolean;
  /** The broker forgets the message after so long. */
  readonly expirySeconds?: number;
}

/** A connection that comes back by itself. */
export class Link {
  readonly #client: MqttClient;
  readonly #closed = Promise.withResolvers<never>();
  #ready = false;

  constructor(options: LinkOptions) {
    this.#closed.promise.catch(() => undefined); // Rejects for whoever waits; with nobody waiting it is no fault.
    const servers = options.urls.map(serverOf);
    this.#client = connect({
      servers,
      ...(servers[0] === undefined ? {} : { protocol: servers[0].protocol }),
      ...(options.older === true
        ? { protocolVersion: 4 as const }
        : { protocolVersion: 5 as const, properties: { sessionExpiryInterval: SESSION_SECONDS } }),
      clientId: options.clientId,
      ...(options.tls === undefined
        ? {}
        : { ca: options.tls.authority, key: options.tls.key, cert: options.tls.certificate }),
      // The broker keeps what stations send while the source is away.
      clean: false,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: 5_000,
      keepalive: 15,
      // Subscribing by hand at every connection, because that also brings the retained births again.
      resubscribe: false,
    });
    this.#client.handleMessage = (packet, done) => {
      const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
      // Without `done` there is no PUBACK: the broker keeps the message for the next connection.
      options.receive(packet.topic, payload).then(() => done(), options.failed);
    };
    this.#client.on("connect", () => {
      // Nagle holds what follows a PUBACK until the broker's delayed acknowledgement: 40 ms before every answer.
      const { stream } = this.#client;
      if (stream instanceof Socket) stream.setNoDelay(true);
      this.#subscribe(options.connected);
    });
    this.#client.on("close", () => {
      this.#ready = false;
    });
    this.#client.on("error", (error) => {
      this.lastError = error;
    });
  }

  /** What the last attempt to connect failed with, for messages. */
  lastError: Error | null = null;

  isReady(): boolean {
    return this.#ready;
  }

  /** Resolves when the broker has the message; it waits for a broker that is away. @throws when the link is closed first. */
  publish(topic: string, payload: Uint8Array, sending: Sending): Promise<void> {
    const expiry = sending.expirySeconds === undefined ? {} : { messageExpiryInterval: sending.expirySeconds };
    const properties = this.#client.options.protocolVersion === 5 ? { properties: expiry } : {};
    const sent = this.#hand(topic, Buffer.from(payload), { qos: 1, retain: sending.retain, ...properties });
    return Promise.race([sent, this.#closed.promise]);
  }

  /** Breaks the connection without a word to the broker, as a crash would. */
  async close(): Promise<void> {
    this.#closed.reject(new Error("the source was stopped"));
    await this.#client.endAsync(true);
  }

  /**
   * A refusal says little: MQTT 3.1.1 has one code for "not allowed" and "no leader at the moment". So it is asked again, and `lastError`
   * tells whoever waits.
   */
  #subscribe(stands: () => void): void {
    this.#client.subscribeAsync(UPLINK, { qos: 1 }).then(
      () => {
        this.#ready = true;
        stands();
      },
      (error: Error) => {
        this.lastError = error;
        // A connection that broke meanwhile subscribes when it stands again.
        const { stream } = this.#client;
        setTimeout(() => {
          if (this.#client.connected && this.#client.stream === stream) this.#subscribe(stands);
        }, SUBSCRIBE_AGAIN_MS).unref();
      },
    );
  }

  /**
   * What the client holds back while it sends the messages of the last connection again, it gives up when that connection breaks too. It was
   * never sent, so it is handed over once more. All that was given up is handed over before anything newer: the order stays.
   */
  async #hand(topic: string, payload: Buffer, options: IClientPublishOptions): Promise<void> {
    for (;;) {
      try {
        await this.#client.publishAsync(topic, payload, options);
        return;
      } catch (error) {
        if (!(error instanceof Error && error.message === GIVEN_UP) || this.#client.disconnecting) throw error;
      }
    }
  }
}

function serverOf(url: string) {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === "mqtts:";
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || (secure ? 8883 : 1883)),
    protocol: secure ? ("mqtts" as const) : ("mqtt" as const),
  };
}
