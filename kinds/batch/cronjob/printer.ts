/** Source: pkg/printers/internalversion printCronJob. */
import { formatLabelSelector } from "../../labels.js";
import { AGE_COLUMN, age, CONTAINERS_COLUMN, column, containerCells, IMAGES_COLUMN, NAME_COLUMN, printer, translateTimestampSince } from "../../printing.js";
import { SELECTOR_COLUMN } from "../job/printer.js";

const TIME_ZONE =
  "The time zone name for the given schedule, see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones. If not specified, this will default to the time zone of the kube-controller-manager process. The set of valid time zone names and the time zone offset is loaded from the system-wide time zone database by the API server during CronJob validation and the controller manager during execution. If no system-wide time zone database can be found a bundled version of the database is used instead. If the time zone name becomes invalid during the lifetime of a CronJob or due to a change in host configuration, the controller will stop creating new new Jobs and will create a system event with the reason UnknownTimeZone. More information can be found in https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones";
const SUSPEND = "This flag tells the controller to suspend subsequent executions, it does not apply to already started executions.  Defaults to false.";

export const cronJobPrinter = printer(
  [
    NAME_COLUMN,
    column("Schedule", "string", "The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron."),
    column("Timezone", "string", TIME_ZONE),
    column("Suspend", "boolean", SUSPEND),
    column("Active", "integer", "A list of pointers to currently running jobs."),
    column("Last Schedule", "string", "Information when was the last time the job was successfully scheduled."),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    SELECTOR_COLUMN,
  ],
  (object, ctx) => {
    const { spec = {}, status = {} } = object;
    const suspended = spec.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False";
    return [
      object.metadata.name ?? "",
      spec.schedule ?? "",
      spec.timeZone ?? "<none>",
      suspended,
      status.active?.length ?? 0,
      status.lastScheduleTime ? translateTimestampSince(ctx.now, status.lastScheduleTime) : "<none>",
      age(object, ctx),
      ...containerCells(spec.jobTemplate?.spec?.template?.spec),
      formatLabelSelector(spec.jobTemplate?.spec?.selector),
    ];
  },
);
