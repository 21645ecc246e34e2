import type { EquipmentInput, FittedGraph } from './fit-equipment';
export const fitPaper = (_input: EquipmentInput): Promise<FittedGraph> => Promise.reject(new Error('not yet'));
