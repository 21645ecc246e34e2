import { campaignPart } from './campaign';

campaignPart(1, 2);
