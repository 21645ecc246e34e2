import { campaignPart } from './campaign';

campaignPart(0, 2);
