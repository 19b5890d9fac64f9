/** What the bot says on Telegram alone. Pure. */
import type { Words } from '../../command.ts';

export const privacyMode = (username: string): Words => ({
  es: `En este grupo Telegram solo me enseña los comandos (/ayuda@${username}) y las respuestas a mis mensajes: es el modo de privacidad, y así está bien. Si quieres que conteste también a @${username} a secas, quítalo en @BotFather (Bot Settings → Group Privacy) y vuelve a añadirme, o hazme administrador.`,
  en: `In this group Telegram shows me only commands (/help@${username}) and replies to my messages: that is privacy mode, and it is fine. If you want me to answer a plain @${username} too, turn it off in @BotFather (Bot Settings → Group Privacy) and add me again, or make me an administrator.`,
});
export const apology: Words = { es: 'Me reiniciaron antes de terminar esta respuesta. Perdón: pídemela otra vez.', en: 'I was restarted before I finished this answer. Sorry: please ask again.' };
export const inlineTitle: Words = { es: 'Una estrofa', en: 'A stanza' };
export const inlineLate: Words = { es: 'Ahora mismo tardo demasiado: pídemelo en un chat conmigo.', en: 'I am too slow right now: ask me in a chat of our own.' };
