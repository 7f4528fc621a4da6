import type { BoundProject } from "../stages/project-binding.ts";
import type { CloudStage } from "./cloud-stage.ts";

/** A cloud stage with what is known of it before anything of it is looked for. */
export interface Deployment {
  stage: CloudStage;
  /** The project that its branch is of. */
  project: BoundProject;
  secretName: string;
}

/** What the stage's Pulumi program is told. The secret's name, never what is in it. */
export const stackConfig = ({ stage, secretName }: Deployment, branchId: string) => ({
  stage: stage.name,
  branchId,
  secretName,
});

export const deploymentFacts = ({ stage, project }: Deployment) => ({
  stage: stage.name,
  owner: stage.owner,
  pullRequest: stage.pullRequest ?? null,
  project: { id: project.id, name: project.name },
});
