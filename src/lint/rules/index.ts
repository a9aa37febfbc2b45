import type { Rule } from "../rule.ts";
import { actionCase } from "./action-case.ts";
import { apiNameAction } from "./api-name-action.ts";
import { conditionValue } from "./condition-value.ts";
import { decomposedText } from "./decomposed-text.ts";
import { denyEveryone } from "./deny-everyone.ts";
import { denyReachesOwner } from "./deny-reaches-owner.ts";
import { doubleWildcard } from "./double-wildcard.ts";
import { duplicateStatement } from "./duplicate-statement.ts";
import { emptyCondition } from "./empty-condition.ts";
import { emptyPrincipal } from "./empty-principal.ts";
import { foreignResource } from "./foreign-resource.ts";
import { hostBits } from "./host-bits.ts";
import { impossibleValue } from "./impossible-value.ts";
import { invisibleCharacter } from "./invisible-character.ts";
import { joinedValues } from "./joined-values.ts";
import { levelMismatch } from "./level-mismatch.ts";
import { lineBreak } from "./line-break.ts";
import { lookAlike } from "./look-alike.ts";
import { mixedPrincipals } from "./mixed-principals.ts";
import { mixedScripts } from "./mixed-scripts.ts";
import { neverTrue } from "./never-true.ts";
import { operatorFamily } from "./operator-family.ts";
import { outerSpace } from "./outer-space.ts";
import { policyNearlyFull } from "./policy-nearly-full.ts";
import { policyShape } from "./policy-shape.ts";
import { policySize } from "./policy-size.ts";
import { policyVariable } from "./policy-variable.ts";
import { prefixOnMixed } from "./prefix-on-mixed.ts";
import { prefixOnObject } from "./prefix-on-object.ts";
import { principalForm } from "./principal-form.ts";
import { publicPolicy } from "./public-policy.ts";
import { resourceForm } from "./resource-form.ts";
import { resourceOwner } from "./resource-owner.ts";
import { resourceRegion } from "./resource-region.ts";
import { roleCase } from "./role-case.ts";
import { roleMaybePublic } from "./role-maybe-public.ts";
import { sourceIpAlone } from "./source-ip-alone.ts";
import { undecidedValue } from "./undecided-value.ts";
import { undocumentedOperator } from "./undocumented-operator.ts";
import { ungrantableAction } from "./ungrantable-action.ts";
import { unknownAction } from "./unknown-action.ts";
import { unknownConditionKey } from "./unknown-condition-key.ts";
import { unknownField } from "./unknown-field.ts";
import { unknownOperator } from "./unknown-operator.ts";
import { unlikelyKey } from "./unlikely-key.ts";
import { unquotedUid } from "./unquoted-uid.ts";
import { unquotedValue } from "./unquoted-value.ts";
import { unsupportedField } from "./unsupported-field.ts";
import { valueSize } from "./value-size.ts";
import { version } from "./version.ts";
import { wildcardInEquals } from "./wildcard-in-equals.ts";

/** Every rule, in the order in which docs/rules.md lists them. */
export const rules: readonly Rule[] = [
  // The shape of the document.
  policyShape,
  version,
  unknownField,
  unsupportedField,
  // Principals.
  emptyPrincipal,
  principalForm,
  roleCase,
  unquotedUid,
  mixedPrincipals,
  // Actions.
  unknownAction,
  apiNameAction,
  actionCase,
  ungrantableAction,
  levelMismatch,
  // Resources.
  resourceForm,
  foreignResource,
  resourceOwner,
  resourceRegion,
  unlikelyKey,
  policyVariable,
  doubleWildcard,
  // Conditions.
  unknownOperator,
  undocumentedOperator,
  unknownConditionKey,
  operatorFamily,
  conditionValue,
  undecidedValue,
  unquotedValue,
  hostBits,
  impossibleValue,
  wildcardInEquals,
  sourceIpAlone,
  prefixOnObject,
  prefixOnMixed,
  neverTrue,
  emptyCondition,
  // The policy as a whole.
  duplicateStatement,
  denyReachesOwner,
  denyEveryone,
  policySize,
  policyNearlyFull,
  valueSize,
  publicPolicy,
  roleMaybePublic,
  joinedValues,
  outerSpace,
  lookAlike,
  mixedScripts,
  decomposedText,
  invisibleCharacter,
  lineBreak,
];
