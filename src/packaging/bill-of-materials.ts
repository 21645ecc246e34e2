/** The bill of materials (SBOM) of a package, in CycloneDX 1.6: what a scanner of vulnerabilities reads. */
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { VERSION } from '../domain/version';
import type { ShippedPackage } from './shipped-packages';

const component = ({ name, version, licence, known }: ShippedPackage): Models.Component => {
  const scoped = /^(@[^/]+)\/(.+)$/.exec(name);
  const npmName = scoped === null ? name : `${encodeURIComponent(scoped[1] ?? '')}/${scoped[2] ?? ''}`;
  const purl = known?.purl ?? `pkg:npm/${npmName}@${version}`;
  return new Models.Component(Enums.ComponentType.Library, scoped?.[2] ?? name, {
    ...(scoped?.[1] === undefined ? {} : { group: scoped[1] }),
    version,
    bomRef: purl,
    purl,
    ...(known === undefined ? {} : { cpe: known.cpe }),
    licenses: new Models.LicenseRepository([
      /\s/.test(licence) ? new Models.LicenseExpression(licence) : new Models.SpdxLicense(licence),
    ]),
  });
};

/** @param target as packages are named: `linux-x64`. @returns one JSON document. */
export const billOfMaterials = (packages: readonly ShippedPackage[], target: string): string => {
  const own = new Models.Component(Enums.ComponentType.Application, 'peephole-fdir', {
    version: VERSION,
    bomRef: `peephole-fdir@${VERSION}`,
    purl: `pkg:npm/peephole-fdir@${VERSION}`,
    description: `satellite telemetry FDIR daemon, packaged for ${target}`,
    licenses: new Models.LicenseRepository([new Models.SpdxLicense('Apache-2.0')]),
  });
  const parts = packages.map(component);
  own.dependencies = new Models.BomRefRepository(parts.map(({ bomRef }) => bomRef));
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: own }),
    components: new Models.ComponentRepository(parts),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
};
