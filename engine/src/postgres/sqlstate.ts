/** SQLSTATEs by the names that PostgreSQL gives them (appendix A of its manual, PostgreSQL 18). */
export const sqlState = {
  connectionFailure: "08006",
  serverRejectedConnection: "08004",
  adminShutdown: "57P01",
  crashShutdown: "57P02",
  cannotConnectNow: "57P03",
  undefinedFile: "58P01",
  undefinedFunction: "42883",
} as const;
