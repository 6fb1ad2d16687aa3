import type { Traits } from "../src/ad_stepper/traits";
import type { Model } from "../src/core/bridge";

export interface FakeModel extends Model {
  saves: number;
  listeners(): number;
}
export function fakeModel(state: object): FakeModel;
export function stepperTraits(document: object, rest?: Partial<Traits>): Traits;
