/** The client's side of SCRAM, which `pg` exports without types. */
declare module "pg/lib/crypto/sasl.js" {
  interface SaslSession {
    mechanism: string;
    /** What is to be sent next. */
    response: string;
  }
  const sasl: {
    startSession(mechanisms: string[]): SaslSession;
    continueSession(session: SaslSession, password: string, serverData: string): Promise<void>;
    /** Throws when the server does not know the password either. */
    finalizeSession(session: SaslSession, serverData: string): void;
  };
  export default sasl;
}
