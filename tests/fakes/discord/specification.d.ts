/** discord-api-spec's zod schemas come without types. */
declare module 'discord-api-spec/zod' {
  interface Schema { safeParse(value: unknown): { success: boolean; error?: { issues: unknown[] } } }
  export const CreateMessageInteractionCallbackRequestSchema: Schema, UpdateMessageInteractionCallbackRequestSchema: Schema, ApplicationCommandAutocompleteCallbackRequestSchema: Schema, ModalInteractionCallbackRequestSchema: Schema;
  export const MessageCreateRequestSchema: Schema, MessageEditRequestPartialSchema: Schema, IncomingWebhookRequestPartialSchema: Schema, IncomingWebhookUpdateRequestPartialSchema: Schema, ApplicationCommandUpdateRequestSchema: Schema;
}
