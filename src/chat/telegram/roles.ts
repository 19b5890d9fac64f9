/** Who administers a group, asked once a minute. */
import type { Api } from 'grammy';
import type { Role } from '../../command.ts';

const kept = 60_000; // milliseconds
const most = 5000;

export function createRoles(api: Api, now: () => number = Date.now) {
  const known = new Map<string, { role: Role; until: number }>();
  return {
    async of(chat: number, person: number): Promise<Role> {
      const key = `${chat} ${person}`;
      const found = known.get(key);
      if (found && found.until > now()) return found.role;
      const status = await api.getChatMember(chat, person).then((member) => member.status, () => 'member' as const);
      const role: Role = status === 'creator' || status === 'administrator' ? 'administrator' : 'anyone';
      if (known.size >= most) known.clear();
      known.set(key, { role, until: now() + kept });
      return role;
    },
  };
}
