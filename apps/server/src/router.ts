import { instanceRouter } from './instance/router.ts';
import { invitationRouter } from './invitation/router.ts';
import { memberRouter } from './member/router.ts';
import { modelRouter } from './model/router.ts';
import { profileRouter } from './profile/router.ts';
import { realtimeRouter } from './realtime/router.ts';
import { roleRouter } from './role/router.ts';
import { taskRouter } from './task/router.ts';
import { teamRouter } from './team/router.ts';
import { tokenRouter } from './token/router.ts';
import { router } from './trpc.ts';

export const appRouter = router({
  profile: profileRouter,
  team: teamRouter,
  member: memberRouter,
  role: roleRouter,
  invitation: invitationRouter,
  model: modelRouter,
  instance: instanceRouter,
  task: taskRouter,
  token: tokenRouter,
  realtime: realtimeRouter,
});

export type AppRouter = typeof appRouter;
