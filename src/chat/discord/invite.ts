/** The link that brings the bot to a server, with the scopes and permissions it needs and no more. */
import { PermissionFlagsBits } from 'discord.js';

const { ViewChannel, SendMessages, SendMessagesInThreads, EmbedLinks, AttachFiles, ReadMessageHistory, ManageWebhooks } = PermissionFlagsBits;
export const permissions = ViewChannel | SendMessages | SendMessagesInThreads | EmbedLinks | AttachFiles | ReadMessageHistory | ManageWebhooks;

export const inviteLink = (application: string): string => `https://discord.com/oauth2/authorize?client_id=${application}&scope=bot+applications.commands&permissions=${permissions}`;
