/** Names of telecommands and arguments as a mission writes them, made of those of a definition: `Set Gain` is `SET_GAIN`. */

export const missionCommandName = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9_]/g, '_');

export const missionArgumentName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9_]/g, '_');
