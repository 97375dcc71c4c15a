// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';
import { browserSurroundings, schedule } from './surroundings.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('tells what the browser says, and when that changes', () => {
  const surroundings = browserSurroundings();
  const changed = vi.fn<() => void>();
  const stop = surroundings.onChange(changed);
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  expect([surroundings.isHidden(), surroundings.isOnline()]).toEqual([true, false]);
  visibility.mockReturnValue('visible');
  online.mockReturnValue(true);
  expect([surroundings.isHidden(), surroundings.isOnline()]).toEqual([false, true]);

  document.dispatchEvent(new Event('visibilitychange'));
  window.dispatchEvent(new Event('online'));
  window.dispatchEvent(new Event('offline'));
  expect(changed).toHaveBeenCalledTimes(3);
  stop();
  document.dispatchEvent(new Event('visibilitychange'));
  window.dispatchEvent(new Event('online'));
  window.dispatchEvent(new Event('offline'));
  expect(changed).toHaveBeenCalledTimes(3);
});

test('outside of a browser all is online and visible', () => {
  for (const name of ['document', 'window', 'navigator']) vi.stubGlobal(name, undefined);
  const bare = browserSurroundings();
  expect([bare.isOnline(), bare.isHidden()]).toEqual([true, false]);
  bare.onChange(() => undefined)();
  vi.stubGlobal('navigator', { userAgent: 'Node.js/24' });
  expect(browserSurroundings().isOnline()).toBe(true);
});

test('what is scheduled can be cancelled', () => {
  vi.useFakeTimers();
  const called = vi.fn<() => void>();
  schedule(called, 10);
  schedule(called, 10)();
  vi.advanceTimersByTime(20);
  expect(called).toHaveBeenCalledOnce();
  vi.useRealTimers();
});
