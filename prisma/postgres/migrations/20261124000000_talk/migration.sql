-- CreateTable
CREATE TABLE "Chat" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "persona" TEXT,
    "updatedAt" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "Persona" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "title" TEXT NOT NULL,
    "base" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "seenAt" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "Delivery" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- CreateTable
CREATE TABLE "Answer" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "persona" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "base" TEXT NOT NULL,
    "voice" TEXT NOT NULL,
    "seed" BIGINT NOT NULL,
    "settings" TEXT NOT NULL,
    "prompt" TEXT NOT NULL,
    "tokens" INTEGER NOT NULL,
    "finish" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- CreateTable
CREATE TABLE "Vote" (
    "answer" TEXT NOT NULL,
    "person" TEXT NOT NULL,
    "persona" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "value" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    PRIMARY KEY ("answer", "person")
);

-- CreateTable
CREATE TABLE "Interaction" (
    "delivery" TEXT NOT NULL PRIMARY KEY,
    "platform" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- CreateTable
CREATE TABLE "Instance" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "holder" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "beatAt" TIMESTAMP(3) NOT NULL
);

-- CreateIndex
CREATE INDEX "Delivery_at_idx" ON "Delivery"("at");

-- CreateIndex
CREATE INDEX "Answer_createdAt_idx" ON "Answer"("createdAt");

-- CreateIndex
CREATE INDEX "Vote_persona_version_idx" ON "Vote"("persona", "version");

-- CreateIndex
CREATE INDEX "Interaction_platform_idx" ON "Interaction"("platform");
