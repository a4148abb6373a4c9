/**
 * Ends every process of a group, at once and for certain. SIGKILL and not SIGTERM first: the programs run here read and print, so
 * they have nothing to tidy up, while a SIGTERM can be ignored, leaves time to fork, and does nothing to a stopped process. A fork
 * cannot slip through: the kernel does not let a process fork while a deadly signal is pending.
 *
 * A process that made a session of its own (`setsid`) has left the group and is not reached.
 */
export function endGroup(leaderPid: number): void {
  try {
    process.kill(-leaderPid, 'SIGKILL');
  } catch (error) {
    // ESRCH: all gone. EPERM: macOS answers so when only zombies are left.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
