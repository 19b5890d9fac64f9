/** What Discord's own specification (npm discord-api-spec) says of the requests that a bot sends. Knows no state. */
import * as Specification from 'discord-api-spec/zod';

type Schema = typeof Specification.MessageCreateRequestSchema;
const callbacks: Readonly<Record<number, Schema>> = {
  4: Specification.CreateMessageInteractionCallbackRequestSchema, 5: Specification.CreateMessageInteractionCallbackRequestSchema, 6: Specification.UpdateMessageInteractionCallbackRequestSchema,
  7: Specification.UpdateMessageInteractionCallbackRequestSchema, 8: Specification.ApplicationCommandAutocompleteCallbackRequestSchema, 9: Specification.ModalInteractionCallbackRequestSchema,
};
const bodies: Readonly<Record<string, Schema>> = {
  'POST /channels/:/messages': Specification.MessageCreateRequestSchema,
  'PATCH /channels/:/messages/:': Specification.MessageEditRequestPartialSchema,
  'POST /webhooks/:/*': Specification.IncomingWebhookRequestPartialSchema,
  'PATCH /webhooks/:/*/messages/:': Specification.IncomingWebhookUpdateRequestPartialSchema,
  'PUT /applications/:/commands': Specification.ApplicationCommandUpdateRequestSchema,
  'PUT /applications/:/guilds/:/commands': Specification.ApplicationCommandUpdateRequestSchema,
};

/** The specification's complaints; [] where it has none. */
export function complaints(route: string, body: unknown): unknown[] {
  const schema = route === 'POST /interactions/:/*/callback' ? callbacks[(body as { type: number }).type] : bodies[route];
  return [body].flat().flatMap((one) => {
    const result = schema?.safeParse(one);
    return result && !result.success ? result.error?.issues ?? ['invalid'] : [];
  });
}
