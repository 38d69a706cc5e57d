/**
 * Reads what a process uses, as the operating system counts it. The measured process does not need to cooperate. Linux
 * has the figures in `/proc` (proc_pid_stat(5), proc_pid_status(5)).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Whether the system has `/proc`. Without it, the benches omit processor time and memory. */
export const tellsUsage: boolean = existsSync('/proc/self/stat')

/** USER_HZ, the unit of times in `/proc`. It is 100 on all but a few rare architectures. */
const TICKS_PER_SECOND = 100

/** User and system time of a process with all its threads and children, in seconds; the resolution is 10 ms. */
export function cpuSeconds(pid: number): number {
  const ticks = family(pid).reduce((sum, member) => {
    // The name in brackets may contain anything, so skip it. Fields 14 and 15 are utime and stime; fields 16 and 17 are
    // those of children that have exited.
    const fields = read(member, 'stat')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number)
    return sum + fields.slice(11, 15).reduce((one, other) => one + other, 0)
  }, 0)
  return ticks / TICKS_PER_SECOND
}

/** Resident memory of a process with all its children, in bytes. */
export function residentBytes(pid: number): number {
  return family(pid).reduce((sum, member) => sum + statusBytes(member, 'VmRSS'), 0)
}

/** The most resident memory that a process had since its start, with that of all its children, in bytes. */
export function peakBytes(pid: number): number {
  return family(pid).reduce((sum, member) => sum + statusBytes(member, 'VmHWM'), 0)
}

function statusBytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(read(pid, 'status'))?.[1]
  if (kilobytes === undefined) throw new Error(`Cannot tell the memory of the process ${pid}`)
  return Number(kilobytes) * 1_024
}

function family(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    read(pid, `task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(family)]
}

const read = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8')
